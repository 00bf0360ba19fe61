#!/bin/sh
# xl's hot-plug script for an interface: the back end's end joins the bridge.
export PATH=/bin:/tools
if test "$1" = online; then
  ip link set "$vif" master br0
  ip link set "$vif" up
  xenstore-write "$XENBUS_PATH/hotplug-status" connected
fi
