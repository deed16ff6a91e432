"""Says what torch makes of the graphics card."""

from __future__ import annotations

from vls.doctor.probes.answer import say


def main() -> None:
    """Says which cards it can use."""
    try:
        import torch
    except ImportError:
        say(missing='torch')
        return
    available = torch.cuda.is_available()
    say(
        torch=torch.__version__, built_for=torch.version.cuda,
        devices=[
            torch.cuda.get_device_name(number)
            for number in range(torch.cuda.device_count() if available else 0)
        ],
    )


if __name__ == '__main__':
    main()
