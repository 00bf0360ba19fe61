#!/bin/sh
# xl's hot-plug script for a disk: the block device that the guest's file names.
export PATH=/bin:/tools
if test "$1" = add; then
  device=$(xenstore-read "$XENBUS_PATH/params")
  numbers=$(stat -c '%t:%T' "$device")
  xenstore-write "$XENBUS_PATH/physical-device" "$numbers" "$XENBUS_PATH/hotplug-status" connected
fi
