import subprocess

subprocess.run(["sh", "x.sh"])
