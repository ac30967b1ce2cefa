"""A campaign's words for how its files are compressed, as settings of encoders."""

from campaign.errors import FinishError
from campaign.finish import Codec, DeliveryForm, Encoder, MasterForm
from media.encode import EncodeSettings

_SETTINGS: dict[tuple[Encoder, Codec], EncodeSettings] = {
    (Encoder.SOFTWARE, Codec.H264): EncodeSettings(),
    (Encoder.SOFTWARE, Codec.HEVC): EncodeSettings(codec="libx265", preset="veryfast", crf=22),
    (Encoder.SOFTWARE, Codec.AV1): EncodeSettings(codec="libsvtav1", preset="8", crf=32),
    (Encoder.NVENC, Codec.H264): EncodeSettings(codec="h264_nvenc", preset="p5", crf=22),
    (Encoder.NVENC, Codec.HEVC): EncodeSettings(codec="hevc_nvenc", preset="p5", crf=24),
    (Encoder.NVENC, Codec.AV1): EncodeSettings(codec="av1_nvenc", preset="p5", crf=28),
    (Encoder.QSV, Codec.H264): EncodeSettings(codec="h264_qsv", preset="medium", crf=22),
    (Encoder.QSV, Codec.HEVC): EncodeSettings(codec="hevc_qsv", preset="medium", crf=24),
    (Encoder.QSV, Codec.AV1): EncodeSettings(codec="av1_qsv", preset="medium", crf=28),
    (Encoder.VIDEOTOOLBOX, Codec.H264): EncodeSettings(codec="h264_videotoolbox", preset="", crf=65),
    (Encoder.VIDEOTOOLBOX, Codec.HEVC): EncodeSettings(codec="hevc_videotoolbox", preset="", crf=65),
}
"""Quality is in each encoder's own measure, about that of x264 at crf 20; that of chips was not measured."""
_MASTERS = {
    MasterForm.PRORES: EncodeSettings(codec="prores_ks", preset="", crf=0),
    MasterForm.X264: EncodeSettings(preset="medium", crf=12),
}


def encode_settings(form: DeliveryForm) -> EncodeSettings:
    """Of the delivery.

    Raises:
        FinishError: that encoder does not make that codec.
    """
    settings = _SETTINGS.get((form.encoder, form.codec))
    if settings is None:
        raise FinishError(
            f"encoder {form.encoder}", f"does not make {form.codec}. Take software, or another codec."
        )
    return settings


def master_settings(form: DeliveryForm) -> EncodeSettings | None:
    """Of the mezzanine beside it; None where none is asked for."""
    return _MASTERS[form.master] if form.master else None
