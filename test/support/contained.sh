# Runs the image's file tree as a container engine would, in namespaces of its own: a read-only root, a network without
# anyone else, the image's user, one capability. `unshare --net --mount --pid --fork sh contained.sh TREE [FLAG]` as root,
# with the image's variables; FLAG is one of setpriv's. Prints what it sees.
set -eu
tree=$1
ip link set lo up
mount --bind "$tree" "$tree"
# The libraries of the base image are this system's here.
for folder in lib lib64 usr/lib dev; do
  if [ -e "/$folder" ]; then mount --rbind "/$folder" "$tree/$folder"; fi
done
mount -t proc proc "$tree/proc"
mount -o remount,bind,ro "$tree"

limit="--clear-groups --inh-caps=-all --bounding-set=-all,+net_bind_service ${2:-}"
enter="chroot $tree /usr/bin/setpriv --reuid 65532 --regid 65532 $limit"
$enter /app/bin/cluster-dns serve /manifests >/dev/null &
server=$!
tries=200
until $enter /app/bin/health-probe; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] && kill -0 $server
  sleep 0.1
done
echo "probe: healthy"
echo "UDP: $(dig +short @127.0.0.1 web.default.svc.cluster.local)"
echo "TCP: $(dig +short +tcp @::1 web.default.svc.cluster.local)"
sed -n 's/^\(CapEff\|CapBnd\|Uid\):\t\(\w*\).*/\1: \2/p' "$tree/proc/$server/status"
$enter /bin/sh -c ': >/app/file' 2>&1 | sed 's/.*: /write: /'
kill $server
code=0 && wait $server || code=$?
echo "exit: $code"
code=0 && $enter /app/bin/health-probe || code=$?
echo "probe: $code"
