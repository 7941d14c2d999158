# /// script
# dependencies = ["some-client"]
# ///
print("hello")
