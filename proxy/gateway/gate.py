"""The gateway's decisions, carried out: each change and its row in the ledger are one transaction, and then the streams follow.

1. What was admitted stays admitted until its publisher is gone or somebody takes it back: a gateway that starts again goes on
   with it.
2. A switch counts from the moment at which it is written, and until it is lifted. It has acted before the answer is given.
3. Refusals are counted and written down once a minute, so that somebody who knocks all day fills no disk.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from proxy.attestation.claim import policy_hash
from proxy.attestation.keys import DeviceKey
from proxy.gateway.admission import Action, Admission, Admitted, Refusal, Refused, Registration, Scope, Way, decide, switched
from proxy.gateway.database import transaction
from proxy.gateway.ledger import Ledger
from proxy.gateway.registry import Publisher, Registry
from proxy.gateway.standing import FACE_FOUND, LIFTED
from proxy.media.redact import redact


class Runner(Protocol):
    """Whoever runs the streams. None of these waits but :meth:`settled`."""

    def start(self, camera: str, way: Way, address: str | None, *, verified: bool, covered: bool) -> None:
        """Begin to take a camera's stream, from ``address`` where it is pulled, and to send it on: what is proven of it where it is
        ``verified``, otherwise anonymised here; harmless where that runs already. What was sent on before shows nothing of it any
        more.
        """
        ...

    def stop(self, camera: str) -> None:
        """Send nothing of a camera any more, at once; harmless where nothing runs."""
        ...

    def cover(self, camera: str, *, covered: bool) -> None:
        """Cover every picture of a camera whole from now on, or no longer."""
        ...

    async def settled(self) -> None:
        """Return, in less than half a second, when everything that was told is done: no picture leaves that must not."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """What was admitted and goes on; ``since_ms`` in Unix ms. ``client`` is how the ingest calls the connection."""

    camera: str
    publisher: str
    token: int
    admission: Admission
    client: str
    since_ms: int
    way: Way


class Gate:
    """Admission, switches and registry of one gateway.

    Args:
        connection: the database.
        key: signs the ledger.
        runner: runs the streams.
        default: what becomes of publishers for whom nothing else was said.
        now_ms: the wall clock, Unix, ms.

    Attributes:
        connection, registry: for looking, not for changing.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        key: DeviceKey,
        runner: Runner,
        *,
        default: Admission,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.connection = connection
        self.registry = Registry(connection)
        self._ledger = Ledger(connection, key, now_ms=now_ms)
        self._runner = runner
        self._default = default
        self.now_ms = now_ms
        self._refused: Counter[tuple[Refusal, str]] = Counter()

    def publish(self, camera: str, token: str, *, client: str, way: Way = Way.INGEST) -> Admitted | Refused:
        """Somebody wants to publish ``camera`` and shows ``token``: what is decided, and done."""
        registration = self.registry.find(token)
        answer = self._decided(camera, registration, way)
        self._count(answer, registration)
        if isinstance(answer, Admitted):
            self._admit(camera, answer, client, way)
        return answer

    def may(self, camera: str, token: str) -> Admitted | Refused:
        """What would be decided about somebody who wants to publish ``camera`` and shows ``token``; a refusal counts as one."""
        registration = self.registry.find(token)
        answer = self._decided(camera, registration, Way.INGEST)
        self._count(answer, registration)
        return answer

    def owns(self, camera: str, token: str) -> bool:
        """Whether whoever shows ``token`` publishes ``camera``."""
        registration = self.registry.find(token)
        return registration is not None and not registration.revoked and registration.opens(camera)

    def pull(self) -> None:
        """Fetch what is registered to be fetched and may be; what may not now is tried the next time."""
        running = {stream.camera for stream in self.streams()}
        for camera, registration in self.registry.pulled():
            answer = self._decided(camera, registration, Way.PULL) if camera not in running else None
            if isinstance(answer, Admitted):
                self._admit(camera, answer, "", Way.PULL)

    def _count(self, answer: Admitted | Refused, registration: Registration | None) -> None:
        if isinstance(answer, Refused):
            self._refused[answer.reason, registration.publisher if registration else ""] += 1

    def _decided(self, camera: str, registration: Registration | None, way: Way) -> Admitted | Refused:
        return decide(
            registration,
            camera,
            default=self._default,
            switches=self.switches(),
            running=[(stream.camera, stream.publisher) for stream in self.streams()],
            now_ms=self.now_ms(),
            distrusted=self.distrusted(),
            way=way,
        )

    def _admit(self, camera: str, answer: Admitted, client: str, way: Way) -> None:
        row = (camera, answer.registration.publisher, answer.registration.token, answer.admission, client, self.now_ms(), way)
        detail: dict[str, object] = {"admission": answer.admission, "token": row[2], "way": way}
        with transaction(self.connection):
            self.connection.execute("INSERT INTO stream VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            self._ledger.append("admitted", subject=camera, actor=row[1], detail=detail)
        self._follow(camera)

    def left(self, camera: str, *, client: str) -> bool:
        """The ingest says that the connection ``client`` publishes ``camera`` no more; false where that was not so."""
        stream = next((one for one in self.streams() if one.camera == camera and one.client == client), None)
        if stream is not None:
            self._end([stream], why="publisher left", actor="ingest")
        return stream is not None

    def fall_back(self, camera: str, *, why: str) -> bool:
        """What comes of ``camera`` is not proven: from now on it is anonymised here. False where it was not sent on as proven."""
        if not any(stream.camera == camera and stream.admission is Admission.VERIFY for stream in self.streams()):
            return False
        with transaction(self.connection):
            self._lose_proof(camera, why)
        self._follow(camera)
        return True

    def found(self, camera: str, *, sightings: int, seconds: float) -> None:
        """Whoever audits saw a face in what is sent of ``camera``: that is covered, and its proof counts for nothing, until people
        say otherwise.
        """
        stream = next((one for one in self.streams() if one.camera == camera), None)
        if stream is None or switched(self.switches(), camera=camera, publisher=stream.publisher) is not None:
            return
        with transaction(self.connection):
            self.connection.execute("INSERT OR REPLACE INTO switch VALUES (?, ?, ?, ?)", self._switch(Scope.CAMERA, camera))
            self._ledger.append("finding", subject=camera, actor="audit", detail={"sightings": sightings, "seconds": seconds})
            if stream.admission is Admission.VERIFY:
                self.connection.execute("INSERT OR REPLACE INTO distrusted VALUES (?, ?)", (camera, self.now_ms()))
                self._lose_proof(camera, FACE_FOUND)
        self._follow(camera)

    def distrusted(self) -> dict[str, int]:
        """Cameras whose proof counts for nothing, and since when, Unix ms."""
        return dict(self.connection.execute("SELECT camera, since_ms FROM distrusted ORDER BY camera").fetchall())

    def failed(self, camera: str, *, why: str) -> None:
        """The stream of ``camera`` broke; it is admitted all the same, and tried again."""
        self.note("failed", subject=camera, detail={"why": why})

    def again(self, camera: str) -> None:
        """Try the stream of ``camera`` again, where it is still admitted."""
        if any(stream.camera == camera for stream in self.streams()):
            self._follow(camera)

    def lost(self, camera: str) -> None:
        """Nothing has come of ``camera`` for so long that its publisher must be gone; what is fetched is fetched all the same."""
        gone = [one for one in self.streams() if one.camera == camera and one.way is not Way.PULL]
        self._end(gone, why="nothing came", actor="gateway")

    def expire(self) -> None:
        """End the streams of tokens that have expired meanwhile."""
        expired = self.registry.expired(now_ms=self.now_ms())
        self._end([one for one in self.streams() if one.token in expired], why="token expired", actor="gateway")

    def resume(self) -> None:
        """Go on with what was admitted when the gateway ended."""
        with transaction(self.connection):
            self._ledger.append("started", subject="gateway", actor="gateway", detail={"streams": len(self.streams())})
        for stream in self.streams():
            self._follow(stream.camera)

    def in_force(self, policy: Mapping[str, JsonValue]) -> None:
        """Write down by which policy people are hidden from now on, where it is another than before."""
        digest = policy_hash(policy)
        last = self.connection.execute("SELECT detail FROM ledger WHERE kind = 'policy' ORDER BY seq DESC LIMIT 1").fetchone()
        if last is None or json.loads(last[0]).get("sha256") != digest:
            self.note("policy", subject="gateway", detail={"policy": dict(policy), "sha256": digest})

    def shown(self) -> list[Stream]:
        """The streams of which pictures are seen: what is neither cut nor covered."""
        switches = self.switches()
        return [one for one in self.streams() if switched(switches, camera=one.camera, publisher=one.publisher) is None]

    def streams(self) -> list[Stream]:
        """Everything that is admitted and goes on."""
        rows = self.connection.execute(
            "SELECT camera, publisher, token, admission, client, since_ms, way FROM stream ORDER BY camera"
        )
        return [Stream(row[0], row[1], row[2], Admission(row[3]), row[4], row[5], Way(row[6])) for row in rows]

    # What people change; ``actor`` is who did it.

    def put_publisher(
        self, name: str, *, admission: Admission | None, max_streams: int, cameras: Sequence[str], actor: str
    ) -> Publisher:
        """Register a publisher, or change one. Streams of cameras that it has no more end.

        Raises:
            CameraTaken: one of the cameras belongs to somebody else.
        """
        detail = {"admission": admission, "max_streams": max_streams, "cameras": list(cameras)}
        with transaction(self.connection):
            publisher = self.registry.put(name, admission=admission, max_streams=max_streams, cameras=cameras, now_ms=self.now_ms())
            self._ledger.append("publisher", subject=name, actor=actor, detail=detail)
        rejected = (admission or self._default) is Admission.REJECT
        ending = [one for one in self.streams() if one.publisher == name and (rejected or one.camera not in cameras)]
        self._end(ending, why="publisher changed", actor=actor)
        return publisher

    def revoke_publisher(self, name: str, *, actor: str) -> bool:
        """Let a publisher publish no more; its streams end now. False where there is none to revoke."""
        with transaction(self.connection):
            done = self.registry.revoke(name, now_ms=self.now_ms())
            if done:
                self._ledger.append("publisher-revoked", subject=name, actor=actor)
        if done:
            self._end([one for one in self.streams() if one.publisher == name], why="publisher revoked", actor=actor)
        return done

    def put_pull(self, camera: str, address: str | None, *, actor: str) -> bool:
        """Register where ``camera`` is fetched, or no longer; what was fetched before ends. False where there is no such camera."""
        with transaction(self.connection):
            done = self.registry.pull(camera, address)
            if done:
                detail = {"from": redact(address) if address else "nowhere"}
                self._ledger.append("pull", subject=camera, actor=actor, detail=detail)
        if done:
            old = [one for one in self.streams() if one.camera == camera and one.way is Way.PULL]
            self._end(old, why="registered anew" if address else "not fetched any more", actor=actor)
            self.pull()
        return done

    def new_token(
        self, publisher: str, *, expires_ms: int | None, actor: str, cameras: Sequence[str] | None = None
    ) -> tuple[int, str]:
        """A new token of a publisher, for all of its cameras or only some: its id, and the token, told this once."""
        with transaction(self.connection):
            number, token = self.registry.new_token(publisher, now_ms=self.now_ms(), expires_ms=expires_ms, cameras=cameras)
            detail = {"token": number, "expires_ms": expires_ms, "cameras": None if cameras is None else list(cameras)}
            self._ledger.append("token", subject=publisher, actor=actor, detail=detail)
        return number, token

    def revoke_token(self, publisher: str, number: int, *, actor: str) -> bool:
        """Let a token open nothing any more; streams that it opened end now. False where there is none to revoke."""
        with transaction(self.connection):
            done = self.registry.revoke_token(publisher, number, now_ms=self.now_ms())
            if done:
                self._ledger.append("token-revoked", subject=publisher, actor=actor, detail={"token": number})
        if done:
            self._end([one for one in self.streams() if one.token == number], why="token revoked", actor=actor)
        return done

    def switches(self) -> dict[tuple[Scope, str], Action]:
        """What operators have decided."""
        rows = self.connection.execute("SELECT scope, target, action FROM switch")
        return {(Scope(scope), target): Action(action) for scope, target, action in rows}

    def switch(self, scope: Scope, target: str, action: Action | None, *, actor: str) -> None:
        """Cut or cover a camera, a publisher or everything, or with no ``action`` lift what was decided before."""
        with transaction(self.connection):
            self.connection.execute("DELETE FROM switch WHERE scope = ? AND target = ?", (scope, target))
            if action is not None:
                self.connection.execute("INSERT INTO switch VALUES (?, ?, ?, ?)", self._switch(scope, target, action))
            self._ledger.append("switch", subject=f"{scope}:{target}", actor=actor, detail={"action": action or LIFTED})
        for stream in self.streams():
            self._follow(stream.camera)

    async def done(self) -> None:
        """Return when the streams have done what was decided."""
        await self._runner.settled()

    def trust_again(self, camera: str, *, actor: str) -> bool:
        """Let the proof of ``camera`` count again, from its next stream on; false where it does."""
        with transaction(self.connection):
            done = self.connection.execute("DELETE FROM distrusted WHERE camera = ?", (camera,)).rowcount > 0
            if done:
                self._ledger.append("trusted-again", subject=camera, actor=actor)
        return done

    def note(self, kind: str, *, subject: str, detail: dict[str, object]) -> None:
        """Write down something that was seen."""
        with transaction(self.connection):
            self._ledger.append(kind, subject=subject, actor="gateway", detail=detail)

    def note_refusals(self) -> None:
        """Write down how often somebody was refused since the last time, and why."""
        refused, self._refused = self._refused, Counter()
        for (reason, publisher), count in refused.items():
            self.note("refused", subject=publisher, detail={"reason": reason, "count": count})

    def let_go(self, *, before_ms: int) -> None:
        """Delete what is older than the ledger is to be kept; what still counts of it is written down anew."""
        with transaction(self.connection):
            self._ledger.let_go(before_ms=before_ms)

    def _lose_proof(self, camera: str, why: str) -> None:
        self.connection.execute("UPDATE stream SET admission = ? WHERE camera = ?", (Admission.ANONYMISE, camera))
        self._ledger.append("proof-lost", subject=camera, actor="gateway", detail={"why": why})

    def _switch(self, scope: Scope, target: str, action: Action = Action.COVER) -> tuple[str, str, str, int]:
        return (scope, target, action, self.now_ms())

    def _end(self, streams: Sequence[Stream], *, why: str, actor: str) -> None:
        for stream in streams:
            self._runner.stop(stream.camera)
        for stream in streams:
            with transaction(self.connection):
                self.connection.execute("DELETE FROM stream WHERE camera = ?", (stream.camera,))
                detail: dict[str, object] = {"why": why, "seconds": (self.now_ms() - stream.since_ms) // 1000}
                self._ledger.append("ended", subject=stream.camera, actor=actor, detail=detail)

    def _follow(self, camera: str) -> None:
        """Let the stream of ``camera`` do what is decided about it."""
        stream = next(one for one in self.streams() if one.camera == camera)
        action = switched(self.switches(), camera=camera, publisher=stream.publisher)
        if action is Action.CUT:
            self._runner.stop(camera)
        else:
            covered = action is Action.COVER
            address = self.registry.address(camera) if stream.way is Way.PULL else None
            self._runner.start(camera, stream.way, address, verified=stream.admission is Admission.VERIFY, covered=covered)
            self._runner.cover(camera, covered=covered)
