#!/bin/sh
# /sbin/poweroff and /sbin/reboot: what the kernel calls when its toolstack asks for either. There is
# no init system to ask; the kernel's own keys do the same.
sync
case ${0##*/} in
  poweroff) echo o > /proc/sysrq-trigger ;;
  reboot) echo b > /proc/sysrq-trigger ;;
esac
