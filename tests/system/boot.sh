#!/bin/sh
# Makes this process the first of a machine of its own: systemd, over a copy of this machine's files.
#
#   boot.sh FOLDER CGROUP SYSTEMD FILES [SOURCE TARGET]...
#
# FOLDER is empty and ours. FILES is a tree that is laid over the copy; each SOURCE is shown at its
# TARGET. What is written there is gone when the machine ends, which it does with this process.
# Mounts and control groups of the machine outside are never touched.
set -eu

if [ -z "${INSIDE:-}" ]; then
  echo $$ >"$2/cgroup.procs"
  INSIDE=yes exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
    --propagation private sh "$0" "$@"
fi

folder=$1 systemd=$3 files=$4
shift 4

mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cp -a "$files/." "$folder/root/"
cd "$folder/root"
while [ $# -gt 0 ]; do
  mkdir -p "./$2"
  mount --bind "$1" "./$2"
  shift 2
done

# What systemd expects of a container: /proc/sys and /sys cannot be written, the rest is its own.
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm dev/mqueue
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t mqueue mqueue dev/mqueue
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp

mkdir old
pivot_root . old
umount -l old
rmdir old
mount --make-rshared /

# Its units are ours alone: nothing that this machine starts is started, and nothing is generated.
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/etc/units \
  SYSTEMD_GENERATOR_PATH=/nowhere "$systemd" --unit=machine.target --show-status=no \
  --log-target=journal
