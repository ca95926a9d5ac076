"""`python -m server quantize`: prints what was found, writes the version."""

from server.making.command import carry_out, print_lines, scratch
from server.making.error import CommandError
from server.quantize.options import QuantizeOptions
from server.quantize.packages import need_quantizer


def quantize(options: QuantizeOptions) -> int:
    """Returns the exit code."""
    return carry_out(lambda: _quantize(options))


def _quantize(options: QuantizeOptions) -> None:
    need_quantizer()
    from server.examine.examination import ExaminationError
    from server.making.version_folder import check_output
    from server.quantize.publish import publish
    from server.quantize.quantization import run

    check_output(options.output)
    try:
        with scratch("quantize") as folder:
            result = run(options, folder)
            print_lines(publish(result, options.output), options.output)
    except (ExaminationError, OSError) as error:  # a worker was killed, a disk is full
        raise CommandError(str(error)) from None
