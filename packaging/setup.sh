#!/usr/bin/env bash
# Makes this checkout ready: Debian's packages where that is permitted, then a virtual environment in .venv.
# usage: packaging/setup.sh run|test      what could not be done is said at the end
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
run_packages=(libgl1 libglib2.0-0 libegl1 libgles2 libsrt1.5-gnutls)
test_packages=(ffmpeg nginx libnginx-mod-rtmp gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base
    gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav coturn iproute2 chromium strace curl openssl)
not_done=()

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

missing_packages() {
    local package states
    for package in "$@"; do
        # Debian 13 and Ubuntu 24.04 renamed libraries for 64-bit time: either name will do.
        # dpkg-query fails for the name that does not exist, so only what it prints counts.
        states=$(dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null || true)
        [[ $states == *'ok installed'* ]] || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

install_packages() {
    local wanted
    if ! command -v dpkg-query >/dev/null; then
        not_done+=("this is not Debian: install what matches these by hand: $*")
        return
    fi
    mapfile -t wanted < <(missing_packages "$@")
    if [ ${#wanted[@]} = 0 ]; then
        return
    fi
    echo "setup: Debian packages: ${wanted[*]}"
    # RUNLEVEL=1 keeps nginx from being started as a service; the tests start their own.
    if as_root apt-get -qq update \
        && as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null; then
        return
    fi
    not_done+=("could not install Debian packages; as root: apt-get install --no-install-recommends ${wanted[*]}")
}

make_environment() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        not_done+=("no Python 3.11 to 3.13 found; name one with make PYTHON=/path/to/python")
        return
    fi
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        install_packages "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
        rm -rf .venv
        not_done+=("$python could not make a virtual environment")
        return
    fi
    if .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; then
        touch .venv/.ready
    else
        not_done+=("pip could not install veilcast and what it needs into .venv")
    fi
}

if [ "$purpose" = test ]; then
    install_packages "${run_packages[@]}" "${test_packages[@]}"
else
    install_packages "${run_packages[@]}"
fi
if [ ! -e .venv/.ready ] || [ pyproject.toml -nt .venv/.ready ]; then
    make_environment
fi
for line in "${not_done[@]}"; do
    echo "setup: NOT DONE: $line" >&2
done
test -e .venv/.ready
