#!/bin/busybox sh
# Process 1 of the services' bench: loads the PV drivers, then serves or measures, as the kernel's
# command line says. Figures are lines "bench NAME VALUE".
export PATH=/bin:/usr/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /tmp
for driver in blkfront netfront; do insmod /modules/xen-$driver.ko; done
for word in $(cat /proc/cmdline); do
  case $word in
    role=* | address=* | server=* | mib=* | stream=* | rounds=*) eval "$word" ;;
  esac
done
ip link set lo up
until ip link set eth0 up 2> /dev/null; do sleep 0.1; done
ip address add "$address/24" dev eth0

# Bytes in a number of rounds, and the time of that: KiB/s.
disk_rate() {
  start=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  for round in $(seq "$rounds"); do
    dd bs=1M count="$mib" "$@" 2> /dev/null || return
  done
  end=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  echo $((rounds * mib * 1024 * 100 / (end - start)))
}

if test "$role" = server; then
  iperf3 -s -D > /dev/null
  nc -l -p 7 > /dev/null
else
  until iperf3 -c "$server" -n 4M > /dev/null 2>&1; do sleep 0.2; done
  ping -q -c 5 -i 0.05 "$server" > /dev/null
  ping -q -c 40 -i 0.05 "$server" |
    sed -n 's|.*= [0-9.]*/\([0-9]*\)\.\([0-9]*\)/.*|bench ping_us \1\2|p' |
    sed 's/ 0*\([0-9]\)/ \1/'
  iperf3 -c "$server" -n "$stream" -f k |
    sed -n 's/.* \([0-9]*\) Kbits.sec.*receiver.*/bench tcp_kbit \1/p'
  echo "bench block_write_kib $(disk_rate if=/dev/zero of=/dev/xvda oflag=direct)"
  echo "bench block_read_kib $(disk_rate if=/dev/xvda of=/dev/null iflag=direct)"
  echo end | nc "$server" 7
fi
poweroff -f
