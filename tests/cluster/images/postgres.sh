# Initialises the cluster in /data at the first start, then becomes the server. POSTGRES_PASSWORD_FILE names the password.
set -eu
if [ ! -f /data/initialised ]; then
  rm -rf /data/cluster
  initdb -D /data/cluster -U freshet -A scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE" -E UTF8 --locale=C --no-sync >/dev/null
  echo 'host all all all scram-sha-256' >>/data/cluster/pg_hba.conf
  # The database is made by a server that nobody else reaches.
  echo 'CREATE DATABASE freshet' | postgres --single -j -D /data/cluster postgres >/dev/null
  touch /data/initialised
fi
rm -f /data/cluster/postmaster.pid
exec postgres -D /data/cluster -c listen_addresses='*' -c unix_socket_directories= -c timezone=UTC -c max_wal_size=2GB \
  -c shared_buffers=128MB -c max_connections=100 -c jit=off
