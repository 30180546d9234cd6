"""How much of a voice is left: ``python -m benchmarks.voices``.

Speech comes from Debian's ``flite`` (four voices cut from recordings of four people), ``espeak-ng`` (formant synthesis), and from
every sound file in ``--data``. Attackers guess who speaks, among all of them, in sentences that they did not learn from.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

import av
import numpy as np

from benchmarks.machine import describe
from benchmarks.speakers import F32, RATE, Cepstrum, Encoder
from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.disguise import Disguise
from proxy.voices.mute_speech import MuteSpeech
from proxy.voices.protocol import Voices

SENTENCES: Final = (
    "Please meet me at the corner of the market at half past seven, and bring the papers with you.",
    "The weather has been strange this week, with rain in the morning and bright sun in the afternoon.",
    "She opened the old wooden box and found nothing in it but dust and a single silver coin.",
    "Nobody knew why the train had stopped, so we all sat quietly and looked out of the window.",
    "Turn left after the bridge, follow the river for a mile, and you will see the yellow house.",
    "My brother works as a nurse in a large hospital and rarely comes home before midnight.",
    "Fresh bread, two bottles of milk, a pound of apples, and please do not forget the coffee.",
    "It was a quiet village once, before the motorway was built and the tourists arrived.",
)
LEARNED: Final = 5
VOICES: Final = (
    *(("flite", name) for name in ("awb", "rms", "slt", "kal16")),
    *(("espeak-ng", f"en+{name}") for name in ("m1", "m3", "m7", "f1", "f3", "f5", "croak", "klatt2")),
)
WARPS: Final = tuple(np.geomspace(0.64, 1.5625, 5))
SHIFT: Final = 1.25


class Attacker(Protocol):
    """Turns sound into a vector that is alike for one speaker."""

    @property
    def name(self) -> str:
        """As tables name it."""
        ...

    def embed(self, sound: F32, *, warp: float = 1.0) -> F32:
        """The vector; frequencies are divided by ``warp`` first."""
        ...


def decoded(path: Path) -> F32:
    """``(N,)`` float32 at 16 kHz."""
    resampler, parts = av.AudioResampler("flt", "mono", RATE), []
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float32)


def spoken(folder: Path) -> dict[str, list[F32]]:
    """Every voice's sentences."""
    said: dict[str, list[F32]] = {}
    for program, voice in VOICES:
        said[f"{program} {voice}"] = []
        for sentence in SENTENCES:
            path = folder / "said.wav"
            command = (
                ["flite", "-voice", voice, "-t", sentence, "-o"]
                if program == "flite"
                else ["espeak-ng", "-v", voice, sentence, "-w"]
            )
            subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=60)
            said[f"{program} {voice}"].append(decoded(path))
    return said


def recorded(folder: Path | None) -> dict[str, list[F32]]:
    """Each sound file in ``folder`` as a speaker, in pieces of 1.6 s: the same recording is learned from and guessed at."""
    found = {}
    for path in sorted(folder.glob("*.*")) if folder else ():
        sound = decoded(path)
        found[path.stem] = np.array_split(sound, max(LEARNED + 2, len(sound) // 25_600))
    return found


def treated(voices: Voices, sound: F32) -> F32:
    """``sound`` as the product lets it out."""
    shape = AudioFormat(RATE, 1)
    blocks = [
        block
        for begin in range(0, len(sound), 1024)
        for block in voices.put(RawAudio(sound[None, begin : begin + 1024].copy(), shape, begin))
    ]
    return np.concatenate([block.samples[0] for block in [*blocks, *voices.end()]])


def disguised(sound: F32) -> F32:
    return treated(Disguise(), sound)


def shifted(sound: F32) -> F32:
    """All frequencies moved by one factor: what a constant voice changer does, and what can be undone."""
    return np.interp(np.arange(0, len(sound), SHIFT), np.arange(len(sound)), sound).astype(np.float32)


def untouched(sound: F32) -> F32:
    return sound


def recognised(
    said: dict[str, list[F32]],
    attacker: Attacker,
    *,
    learned: Callable[[F32], F32],
    heard: Callable[[F32], F32],
    warps: Iterable[float] = (1.0,),
) -> float:
    """The share of clips, made by ``heard``, whose speaker the attacker names after learning from others, made by ``learned``.

    Of ``warps`` the one is told that serves the attacker best.
    """
    names = list(said)
    known = [np.array([attacker.embed(learned(clip)) for clip in said[name][:LEARNED]]) for name in names]
    every = np.concatenate(known)
    middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    centres = np.array([((rows - middle) / spread).mean(axis=0) for rows in known])
    clips = [(number, heard(clip)) for number, name in enumerate(names) for clip in said[name][LEARNED:]]
    return max(
        float(
            np.mean([_nearest((attacker.embed(sound, warp=warp) - middle) / spread, centres) == number for number, sound in clips])
        )
        for warp in warps
    )


def _nearest(vector: F32, centres: F32) -> int:
    return int(np.linalg.norm(centres - vector, axis=1).argmin())


def reidentified(said: dict[str, list[F32]], attackers: list[Attacker]) -> dict[str, dict[str, float]]:
    """Share recognised, per attacker and situation."""
    rows: dict[str, dict[str, float]] = {}
    for attacker in attackers:
        rows[attacker.name] = {
            "untreated": recognised(said, attacker, learned=untouched, heard=untouched),
            "constant shift": recognised(said, attacker, learned=untouched, heard=shifted),
            "constant shift, undone": recognised(said, attacker, learned=untouched, heard=shifted, warps=WARPS),
            "disguise": recognised(said, attacker, learned=untouched, heard=disguised),
            "disguise, best constant shift undone": recognised(said, attacker, learned=untouched, heard=disguised, warps=WARPS),
            "disguise, learned from disguised": recognised(said, attacker, learned=disguised, heard=disguised),
        }
    return rows


def street(count: int, seed: int) -> F32:
    """``(count,)`` float32 of unit loudness: low noise that comes and goes, as traffic does."""
    random = np.random.default_rng(seed)
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    shaped = np.exp(2j * np.pi * random.random(len(frequencies))) / np.maximum(frequencies, 30) ** 0.5 / (1 + frequencies / 400)
    sound = np.fft.irfft(shaped, count) * (1 + 0.6 * np.sin(2 * np.pi * np.arange(count) / RATE / 7))
    return np.asarray(sound / np.std(sound), np.float32)


def left_by_muting(said: dict[str, list[F32]]) -> dict[str, float]:
    """The share of speech's energy that ``mute-speech`` lets through, by how far speech stands above a street's noise; and how much
    of a street without speech it mutes.
    """
    rows = {}
    for ratio in (30, 20, 10, 5, 0):
        lost = total = 0.0
        for number, clips in enumerate(said.values()):
            speech = np.concatenate([np.zeros(RATE, np.float32), *clips, np.zeros(RATE, np.float32)])
            speech = speech * np.float32(0.05 / np.sqrt(np.mean(speech**2)))
            noise = street(len(speech), number) * np.float32(0.05 * 10 ** (-ratio / 20))
            passed = treated(MuteSpeech(), speech + noise) != 0
            lost += float((speech[passed] ** 2).sum())
            total += float((speech**2).sum())
        rows[f"speech left at {ratio} dB"] = lost / total
    quiet = treated(MuteSpeech(), street(60 * RATE, 99) * np.float32(0.05))
    rows["muted of a street without speech"] = float((quiet[: 59 * RATE] == 0).mean())
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder of sound files, each of one person")
    parser.add_argument("--encoder", type=Path, help="pretrained.pt out of the wheel of resemblyzer 0.1.4")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/voices.json"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        said = {**spoken(Path(folder)), **recorded(chosen.data)}
    attackers: list[Attacker] = [Cepstrum(), *([Encoder(chosen.encoder)] if chosen.encoder else [])]
    found = {
        **describe(),
        "voices": list(said),
        "chance": 1 / len(said),
        "recognised": reidentified(said, attackers),
        "mute_speech": left_by_muting(said),
    }
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps({name: found[name] for name in ("chance", "recognised", "mute_speech")}, indent=2))


if __name__ == "__main__":
    main()
