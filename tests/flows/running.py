"""Flows as a door runs them, with a setup of the test's own instead of the machine's settings."""

from prefect import flow

from flows import release
from flows.batch import make_batch, resume_batches, runner

make = flow(name="make", task_runner=runner)(make_batch)  # type: ignore[arg-type]  # As in flows.batch.
resume = flow(name="resume", task_runner=runner)(resume_batches)  # type: ignore[arg-type]
release_due = flow(name="release-due")(release.release_due)
