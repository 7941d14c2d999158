console.log("web build comes later")
