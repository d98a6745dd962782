"""Members of an ensemble: each learns what it learns alone, and all end together."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
import torch

from forecast_cli.data.windows import Batch
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import SILENT, Monitor, SilentMonitor
from forecast_cli.networks.network import Network
from forecast_cli.networks.noise import Noise
from forecast_cli.training.ensemble import Member, fit_members
from forecast_cli.training.loop import Plan
from forecast_cli.training.progress import Learned
from tests.training.test_loop import QUANTILES, SMALL, batch, held_out

ENDLESS = Plan(steps=10**6, learning_rate=1e-3, checks=100, patience=10**6)


class Drawn:
    """Stands for a sampler; ``then`` is called before every batch but the first sixty."""

    def __init__(self, seed: int, then: Callable[[], None] | None = None) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.count, self._seeds, self._then = 0, count(1000 * seed), then
        self.threads: set[int] = set()

    def draw(self) -> Batch:
        self.count += 1
        self.threads.add(torch.get_num_threads())
        if self.count > 60 and self._then is not None:
            self._then()
        return batch(next(self._seeds))


def member(seed: int, plan: Plan, then: Callable[[], None] | None = None) -> Member:
    """With dropout, so that masks are drawn at every step."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        made = Network(SMALL, Noise(seed, torch.device("cpu")))
    return Member(made, Drawn(seed, then), held_out(), plan)  # type: ignore[arg-type]


def trained(
    members: list[Member], monitor: Monitor = SILENT, cores: int = 3, threads: int = 1
) -> list[Learned]:
    return fit_members(members, QUANTILES, monitor, threads, cores)


def weights(of: Member) -> bytes:
    flat = torch.cat([p.detach().flatten() for p in of.network.parameters()])
    return flat.numpy().tobytes()


def test_members_side_by_side_are_those_one_after_another_and_those_alone() -> None:
    plan = Plan(steps=40, learning_rate=1e-2)
    reached = []
    for cores in (3, 1, 0):
        members = [member(seed, plan) for seed in range(3)]
        for some in [members] if cores else [[one] for one in members]:
            trained(some, cores=cores or 3)
        reached.append([weights(one) for one in members])
    assert reached[0] == reached[1] == reached[2]
    assert len(set(reached[0])) == 3


def test_what_was_learned_comes_in_the_order_of_the_members() -> None:
    plans = [Plan(steps=n, learning_rate=1e-3, patience=99) for n in (60, 5, 20)]
    learned = trained([member(seed, plan) for seed, plan in enumerate(plans)])
    assert [one.steps for one in learned] == [60, 5, 20]


@pytest.mark.parametrize(("cores", "broken"), [(2, 0), (2, 1), (1, 0)])
def test_an_error_in_one_member_ends_the_others(cores: int, broken: int) -> None:
    def fail() -> None:
        raise TrainingError("no number", "none")

    members = [member(seed, ENDLESS, fail if seed == broken else None) for seed in range(2)]
    before = threading.active_count()
    with pytest.raises(TrainingError, match="no number"):
        trained(members, cores=cores)
    assert threading.active_count() == before


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """A shell that runs the tests in the background has them ignore interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_an_interrupt_ends_all() -> None:
    main = threading.main_thread().ident
    assert main is not None
    sent: list[bool] = []

    def interrupt() -> None:
        if not sent:
            sent.append(True)
            signal.pthread_kill(main, signal.SIGINT)

    members = [member(0, ENDLESS), member(1, ENDLESS, interrupt)]
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        trained(members)
    assert threading.active_count() == before


def test_a_stop_request_ends_all_with_their_best_so_far() -> None:
    class Impatient(SilentMonitor):
        began = time.perf_counter()

        def stop_requested(self) -> bool:
            return time.perf_counter() > self.began + 0.3

    learned = trained([member(seed, ENDLESS) for seed in range(2)], Impatient())
    assert [one.stopped for one in learned] == ["stopped by the user"] * 2
    assert all(one.best_loss is not None for one in learned)


class Listening(SilentMonitor):
    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []
        self.begun = 0

    def begin(self, task: str, total: float | None = None) -> None:
        self.begun += 1

    def update(self, done: float, note: str = "") -> None:
        self.told.append((done, note))


def test_the_monitor_hears_the_mean_of_what_is_done_and_the_loss_of_the_first() -> None:
    monitor = Listening()
    plan = Plan(steps=10, learning_rate=1e-3, patience=99)
    members = [member(seed, plan) for seed in range(2)]
    trained(members, monitor, cores=1)
    assert [done for done, _ in monitor.told] == [round(k / 2) for k in range(1, 21)]
    notes = [note for _, note in monitor.told]
    assert all(note.startswith("loss ") for note in notes)
    assert set(notes[10:]) == {notes[9]}  # the second one is silent
    assert monitor.begun == 0  # the piece of work is the caller's


@pytest.mark.parametrize("threads", [1, 2])
def test_a_step_has_the_threads_it_is_given_and_outside_nothing_changes(threads: int) -> None:
    before = torch.get_num_threads()
    members = [member(seed, Plan(steps=1, learning_rate=1e-3)) for seed in range(2)]
    trained(members, threads=threads)
    for one in members:
        assert isinstance(one.sampler, Drawn)
        assert one.sampler.threads == {threads}
    assert torch.get_num_threads() == before
