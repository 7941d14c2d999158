import os
from setuptools import setup
os.system("id")
setup(name="x")
