"""What npm and its like install: the packages of JavaScript, from a registry such as registry.npmjs.org."""
