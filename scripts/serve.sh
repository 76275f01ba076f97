# The web server and the worker, until one of them is told to end or the web server ends.
# Started by `make run`; a server that lasts has two services instead (docs/operating.md).
: "${BIN:=.venv/bin}" "${HOST:=127.0.0.1}" "${PORT:=8000}"

"$BIN/flask" --app wsgi worker &
worker=$!
"$BIN/gunicorn" --bind "$HOST:$PORT" --worker-class gthread --workers 2 --threads 4 \
    --keep-alive 30 --no-control-socket wsgi:app &
web=$!

trap 'kill "$web" "$worker" 2>/dev/null' INT TERM HUP
wait "$web"
code=$?
kill "$worker" 2>/dev/null
wait "$web" "$worker" 2>/dev/null
exit "$code"
