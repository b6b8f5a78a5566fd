"""SkyMarshal: airline disruption decisions by seven agents, an arbitrator and a duty manager."""
