#!/bin/sh
# Process 1 of a guest with tools: loads the PV drivers, takes its address, then plays the role that
# the kernel's command line names (role=NAME: /roles/NAME), or gives a shell on the console.
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
for driver in /lib/modules/*.ko; do insmod "$driver" || echo "guest: no $driver"; done
test -d /proc/xen && mount -t xenfs xenfs /proc/xen

role=shell
for word in $(cat /proc/cmdline); do
  case $word in
    role=*) role=${word#role=} ;;
    address=*) address=${word#address=} ;;
  esac
done

ip link set lo up
if test -n "$address"; then
  # The interface comes with the handshake of the front end.
  tries=0
  while ! ip link set eth0 up 2> /dev/null && test $tries -lt 100; do
    tries=$((tries + 1))
    sleep 0.1
  done
  ip address add "$address" dev eth0
fi
echo "guest: role $role, $(nproc) CPU(s), address ${address:-none}"
if test -x "/roles/$role"; then
  "/roles/$role"
  echo "guest: role $role ended with $?"
else
  setsid sh -c 'exec sh < /dev/hvc0 > /dev/hvc0 2>&1'
fi
sync
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
