"""Sends the planned events by the unmodified segment-analytics-python."""

import json
import sys
from datetime import datetime, timedelta, timezone

import segment.analytics as analytics

plan = json.loads(sys.argv[1])
failures = []
analytics.write_key = plan["writeKey"]
analytics.host = plan["host"]
analytics.max_queue_size = plan["count"] + 10
analytics.on_error = lambda error, items: failures.append(str(error))
started = datetime.fromisoformat(plan["startedAt"].replace("Z", "+00:00")).astimezone(timezone.utc)
for index in range(plan["count"]):
    accepted, _ = analytics.track(
        user_id=f"{plan['prefix']}-u{index % plan['users']}",
        event="Order Completed" if index % 10 == 0 else "Product Viewed",
        message_id=f"{plan['prefix']}-m{index}",
        timestamp=started + timedelta(milliseconds=index),
        properties={"sku": f"SKU-{index % 97}", "revenue": 1.1, "currency": "EUR"},
    )
    if not accepted:
        failures.append(f"event {index} did not fit in the client's queue")
analytics.shutdown()
if failures:
    sys.exit("\n".join(failures))
