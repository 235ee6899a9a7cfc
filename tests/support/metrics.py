"""Reading `/metrics` of a server."""

import httpx
from prometheus_client.parser import text_string_to_metric_families


async def metric(http: httpx.AsyncClient, name: str, **labels: str) -> float:
    """The sum of all samples of this name with these labels."""
    text = (await http.get("/metrics")).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
