"""``make`` as a door runs it, with a setup of the test's own instead of the machine's settings."""

from prefect import flow

from flows.batch import make_batch, runner

make = flow(name="make", task_runner=runner)(make_batch)  # type: ignore[arg-type]  # As in flows.batch.
