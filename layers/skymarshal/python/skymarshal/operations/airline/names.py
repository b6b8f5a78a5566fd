"""Made-up people's names."""

from __future__ import annotations

from random import Random
from typing import Final

__all__ = ["person_name"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN: Final = _words(
    """
    Aisha Omar Fatima Khalid Mariam Yousef Layla Hamad Noura Saeed Priya Arjun Ananya Rohan Kavya Vikram
    Emma Oliver Sophie James Charlotte Thomas Hannah Lukas Clara Felix Giulia Marco Elena Matteo Camille
    Hugo Chloe Antoine Mei Wei Jing Hao Yuki Haruto Minh Linh Somchai Ploy Maria Jose Grace Samuel
    Zainab Ibrahim Nimal Dilani Tariq Sana Rashid Huda Kofi Amara Jacob Olivia Liam Isla Noah Zoe
    """
)
_FAMILY: Final = _words(
    """
    Haddad Nasser Mansour Rahman Khan Malik Sheikh Sharma Patel Iyer Nair Reddy Gupta Menon Silva Perera
    Fernando Smith Jones Taylor Brown Wilson Evans Walker Wright Mueller Schmidt Weber Fischer Keller
    Rossi Ferrari Bianchi Martin Bernard Dubois Moreau Tanaka Sato Kim Park Lee Chen Wang Zhang Nguyen
    Tran Santos Reyes Cruz Okafor Mensah Botha Anderson Clark Murphy Kelly Byrne Novak Horvat Costa
    Oliveira
    """
)


def person_name(random: Random) -> str:
    """Return a given name and a family name."""
    return f"{_GIVEN[int(random.random() * len(_GIVEN))]} {_FAMILY[int(random.random() * len(_FAMILY))]}"
