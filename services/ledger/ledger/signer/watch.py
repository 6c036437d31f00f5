"""What an operator watches of the signer."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge


class Watch:
    """The signer's metrics."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._answers = Counter(
            "comptoir_signer_witness_answers",
            "What witnesses made of a checkpoint",
            ["witness", "outcome"],
            registry=registry,
        )
        self._silent = Gauge(
            "comptoir_signer_witness_silent_seconds",
            "Time since a witness last cosigned, while it was asked",
            ["witness"],
            registry=registry,
        )
        self._waiting = Gauge(
            "comptoir_signer_uncosigned_seconds",
            "How long the oldest signed checkpoint has waited for a quorum of witnesses",
            registry=registry,
        )
        self._cosigned_at: dict[str, float] = {}
        self.waiting_since: float | None = None

    def answered(self, witness: str, outcome: str) -> None:
        """Count an answer, and say for how long there was none that cosigned."""
        self._answers.labels(witness, outcome).inc()
        now = time.monotonic()
        if outcome == "cosigned":
            self._cosigned_at[witness] = now
        self._silent.labels(witness).set(now - self._cosigned_at.setdefault(witness, now))

    def wait(self, since: float | None) -> None:
        """Since when the oldest signed checkpoint waits; None where none does."""
        self.waiting_since = since
        self._waiting.set(self.waited)

    @property
    def waited(self) -> float:
        """For how long; 0 where none waits."""
        since = self.waiting_since
        return 0.0 if since is None else time.monotonic() - since
