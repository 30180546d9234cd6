"""ipycam as an ONVIF camera at ADDRESS [USER PASSWORD]. It binds every interface: run it in a network namespace only."""

from __future__ import annotations

import sys
import time

import numpy as np
from ipycam import CameraConfig, IPCamera


def main() -> None:
    address, *login = sys.argv[1:]
    user, password = login or ("", "")
    config = CameraConfig(
        name="Door",
        local_ip=address,
        onvif_port=28180,
        rtsp_port=28554,
        web_port=28181,
        main_width=640,
        main_height=360,
        sub_width=320,
        sub_height=180,
        username=user,
        password=password,
    )
    camera = IPCamera(config)
    camera.start()
    while True:
        camera.stream(np.zeros((360, 640, 3), np.uint8))
        time.sleep(0.1)


if __name__ == "__main__":
    main()
