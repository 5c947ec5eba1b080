"""Three calls of the client that openapi-python-client made: data in, a job, recommendations out."""

import json
import sys

from stillhouse_client import Client
from stillhouse_client.api.data import add_interactions
from stillhouse_client.api.jobs import start_job
from stillhouse_client.api.recommendations import recommend
from stillhouse_client.models import (
    AddInteractionsBody,
    DistillationSpec,
    Interaction,
    Job,
    Problem,
    Recommendation,
)

client = Client(base_url=sys.argv[1])

rows = [
    Interaction(user_id=f"user-{i % 10}", item_id=f"item-{i // 5}", type_="click") for i in range(50)
]
added = add_interactions.sync(client=client, body=AddInteractionsBody(interactions=rows))

spec = DistillationSpec.from_dict(
    {"model": "movies", "student": {"kind": "fold-in", "dimensions": 16}, "priority": 3}
)
job = start_job.sync(client=client, body=spec)
assert isinstance(job, Job), job
assert isinstance(job.spec, DistillationSpec), job.spec

answer = recommend.sync("u", client=client, k=3, category=["Odd"])
assert isinstance(answer, Recommendation), answer
refused = recommend.sync("u", client=client, k=3, model="no-such-model")
assert isinstance(refused, Problem), refused

print(
    json.dumps(
        {
            "accepted": added.accepted,
            "job": {
                "state": job.state.value,
                "dimensions": job.spec.student.dimensions,
                "priority": job.spec.priority,
            },
            "items": len(answer.items),
            "odd": all(int(item.item_id.split("-")[1]) % 2 == 1 for item in answer.items),
            "code": refused.code.value,
        }
    )
)
