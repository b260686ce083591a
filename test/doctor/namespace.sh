# The doctor in a network namespace with a server on port 53, and with the resolv.conf of a pod; then with others.
# `unshare -nm sh namespace.sh LAUNCHER MANIFESTS FOLDER`. FOLDER has room for files. Prints what the doctor finds.
set -eu
launcher=$1 folder=$3
ip link set lo up
ip address add 10.96.0.10/32 dev lo
: >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
"$launcher" serve "$2" --listen 10.96.0.10:53 --upstream none >/dev/null &
server=$!
tries=200
until "$launcher" query kubernetes.default.svc.cluster.local --server 10.96.0.10 >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] && kill -0 $server
  sleep 0.1
done

search="search default.svc.cluster.local svc.cluster.local cluster.local
options ndots:5"
doctor() {
  printf '%s\n' "$1" >/etc/resolv.conf
  shift
  code=0
  KUBERNETES_SERVICE_HOST=10.96.0.1 "$launcher" doctor "$@" --outside none --timeout 10 >"$folder/out" || code=$?
  echo "exit $code: $(head -n 1 "$folder/out")"
}
doctor "nameserver 10.96.0.10
$search" web
doctor "nameserver 10.96.0.11
$search" web
doctor "nameserver 127.0.0.53
$search" web
doctor "nameserver 10.96.0.10
search default.svc.k8s.example svc.k8s.example
options ndots:5" web.default.svc.cluster.local.
kill $server
wait $server
