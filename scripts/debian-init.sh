#!/bin/sh
# Process 1 of the example guests: says where it runs, works a little, and switches off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

uptime() { cut -d' ' -f1 /proc/uptime; }

echo "userspace: $(uname -s -r -m), $(nproc) CPU(s), hypervisor $(cat /sys/hypervisor/type)"
test -r /etc/os-release && . /etc/os-release && echo "userspace: root file system of $PRETTY_NAME"
before=$(uptime)
sleep 1
echo "userspace: sleep 1 lasted from $before to $(uptime)"
echo "userspace: sha256 of 1 to 20000: $(seq 1 20000 | sha256sum | cut -d' ' -f1)"
echo "userspace: done at $(uptime)"

# Debian's own poweroff belongs to an init system; the kernel's own key does the same.
if command -v poweroff > /dev/null; then
  poweroff -f
else
  echo o > /proc/sysrq-trigger
fi
while :; do sleep 1; done
