"""Lists the RealSense cameras."""

from __future__ import annotations

from vls.doctor.probes.answer import say


def main() -> None:
    """Says which there are."""
    try:
        import pyrealsense2 as realsense
    except ImportError:
        say(missing='pyrealsense2')
        return
    fields = {
        'name': realsense.camera_info.name,
        'serial': realsense.camera_info.serial_number,
        'usb': realsense.camera_info.usb_type_descriptor,
    }
    say(devices=[
        {
            name: device.get_info(field) if device.supports(field) else 'unknown'
            for name, field in fields.items()
        }
        for device in realsense.context().query_devices()
    ])


if __name__ == '__main__':
    main()
