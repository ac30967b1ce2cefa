"""Prefect policies, one per reason.

Retries: the stages record a spot's failure as data and never raise for it, so a task that fails has met a
fault that a second try of the same code would meet again; what may succeed later carries ``transient`` and is
tried again where it happens. Caching: a cached result would hand back paths of files that may be gone; the
store decides what is done already.
"""

from prefect.cache_policies import NO_CACHE

NOT_CACHED = NO_CACHE
