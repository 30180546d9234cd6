"""The standard words, in every language that the proxy knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.masking.plan import CoverReason


class Language(StrEnum):
    """A language of the standard words, by its BCP 47 tag."""

    EN = "en"
    CS = "cs"
    DA = "da"
    DE = "de"
    EL = "el"
    ES = "es"
    FI = "fi"
    FR = "fr"
    IT = "it"
    JA = "ja"
    KO = "ko"
    NB = "nb"
    NL = "nl"
    PL = "pl"
    PT = "pt"
    SV = "sv"
    TR = "tr"
    UK = "uk"
    ZH = "zh"
    ZH_HANT = "zh-Hant"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language."""

    notice: str
    offline: str
    starting: str
    covered: str

    def about(self, reason: CoverReason) -> str:
        """Why a picture shows nothing, as its viewers need to know it."""
        match reason:
            case CoverReason.OFFLINE:
                return self.offline
            case CoverReason.STARTING:
                return self.starting
            case _:
                return self.covered


WORDS: Final[dict[Language, Words]] = {
    Language.EN: Words("Anonymised live stream", "Camera offline", "The stream is about to start", "Picture covered"),
    Language.CS: Words("Anonymizované živé vysílání", "Kamera je odpojena", "Vysílání brzy začne", "Obraz je zakryt"),
    Language.DA: Words("Anonymiseret livestream", "Kamera offline", "Udsendelsen begynder snart", "Billedet er dækket"),
    Language.DE: Words("Anonymisierter Livestream", "Kamera offline", "Die Übertragung beginnt gleich", "Bild abgedeckt"),
    Language.EL: Words("Ανωνυμοποιημένη ζωντανή ροή", "Κάμερα εκτός σύνδεσης", "Η μετάδοση αρχίζει σε λίγο", "Η εικόνα καλύπτεται"),
    Language.ES: Words("Emisión en directo anonimizada", "Cámara sin conexión", "La emisión empezará en breve", "Imagen cubierta"),
    Language.FI: Words("Anonymisoitu suora lähetys", "Kamera ei ole yhteydessä", "Lähetys alkaa pian", "Kuva on peitetty"),
    Language.FR: Words("Diffusion en direct anonymisée", "Caméra hors ligne", "La diffusion va commencer", "Image masquée"),
    Language.IT: Words("Diretta anonimizzata", "Telecamera non in linea", "La diretta sta per iniziare", "Immagine coperta"),
    Language.JA: Words("匿名化されたライブ配信", "カメラはオフラインです", "まもなく配信を開始します", "映像は隠されています"),
    Language.KO: Words("익명 처리된 실시간 방송", "카메라 오프라인", "방송이 곧 시작됩니다", "화면이 가려졌습니다"),
    Language.NB: Words("Anonymisert direktesending", "Kameraet er frakoblet", "Sendingen begynner straks", "Bildet er dekket"),
    Language.NL: Words("Geanonimiseerde livestream", "Camera offline", "De uitzending begint zo", "Beeld afgedekt"),
    Language.PL: Words("Zanonimizowana transmisja na żywo", "Kamera offline", "Transmisja zaraz się zacznie", "Obraz zasłonięty"),
    Language.PT: Words("Transmissão em direto anonimizada", "Câmara desligada", "A transmissão vai começar", "Imagem coberta"),
    Language.SV: Words("Anonymiserad direktsändning", "Kameran är frånkopplad", "Sändningen börjar strax", "Bilden är täckt"),
    Language.TR: Words("Anonimleştirilmiş canlı yayın", "Kamera çevrimdışı", "Yayın birazdan başlıyor", "Görüntü kapatıldı"),
    Language.UK: Words("Анонімізована пряма трансляція", "Камера не в мережі", "Трансляція ось-ось почнеться", "Кадр приховано"),
    Language.ZH: Words("已匿名处理的直播", "摄像机离线", "直播即将开始", "画面已遮盖"),
    Language.ZH_HANT: Words("已匿名處理的直播", "攝影機離線", "直播即將開始", "畫面已遮蓋"),
}


def notice(languages: Sequence[Language], place: str) -> str:
    """The standard notice, a line for each language; the first one leads to ``place``, where more is to be read."""
    lines = [WORDS[language].notice for language in languages]
    return "\n".join([f"{lines[0]} · {place}", *lines[1:]])


def about(languages: Sequence[Language], reason: CoverReason) -> str:
    """Why a picture shows nothing, a line for each language."""
    return "\n".join(WORDS[language].about(reason) for language in languages)
