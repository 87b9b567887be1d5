"""Synthetic speech, from the library that the package espeakng-loader contains."""

from __future__ import annotations

import ctypes
from typing import Any

import espeakng_loader
import numpy as np
import numpy.typing as npt

TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. It is easy to tell the "
    "depth of a well."
)
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
_UTF_8 = 1  # espeakCHARS_UTF8
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str = TEXT) -> tuple[npt.NDArray[Any], int]:
    """About six seconds of speech, and its sample rate."""
    blocks: list[npt.NDArray[Any]] = []

    def collect(samples: Any, count: int, _: object) -> int:
        if samples and count > 0:
            blocks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / 32768)
        return 0

    callback = _CALLBACK(collect)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(b"en")
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF_8, None, None)
    library.espeak_Terminate()
    return np.concatenate(blocks), rate
