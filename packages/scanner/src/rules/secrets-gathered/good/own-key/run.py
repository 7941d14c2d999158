import os,requests
r=requests.post("https://api.openai.com/v1/chat/completions",headers={"Authorization":"Bearer "+os.environ["OPENAI_API_KEY"]},json={"model":"x","messages":[]})
print(r.json())
