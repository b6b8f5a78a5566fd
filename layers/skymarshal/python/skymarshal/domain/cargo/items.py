"""A shipment as the loading rules see it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LoadItem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadItem:
    """A shipment as the load planner sees it.

    Attributes:
        awb: Air waybill number, or another name for the shipment.
        codes: Special handling codes.
        dg_class: Hazard class or division, such as `3` or `1.4S`; None if not dangerous.
        un_number: UN number, such as `UN3480` or `3480`.
        cargo_aircraft_only: Whether its packages may only go on cargo aircraft.
    """

    awb: str
    codes: tuple[str, ...] = ()
    dg_class: str | None = None
    un_number: str | None = None
    cargo_aircraft_only: bool = False
