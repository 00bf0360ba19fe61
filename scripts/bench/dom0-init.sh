#!/bin/sh
# Process 1 of the Dom0: Xen's daemons, then /job, then power off.
export PATH=/bin:/usr/lib/xen-4.17/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
mkdir -p /run/lock /run/xen /run/xenstored /var/lib/xenstored /var/log/xen/console
for module in xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc; do
  insmod /modules/$module.ko
done
mount -t xenfs xenfs /proc/xen
xenstored --pid-file /run/xen/xenstored.pid
xenconsoled --pid-file=/run/xen/xenconsoled.pid
touch /etc/xen/xl.conf
xen-init-dom0 > /dev/null
echo "dom0: ready"
sh /job
echo "dom0: done"
poweroff -f
