"""A client made from the OpenAPI document and nothing else: one function an operation, by its id."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request


class Client:
    def __init__(self, base, key):
        self.base, self.key = base, key
        with urllib.request.urlopen(base + "/api/openapi.json", timeout=60) as answer:
            self.document = json.load(answer)
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def call(self, operation_id, body=None, **values):
        method, path, operation = self.operations[operation_id]
        query = {}
        headers = {}
        for parameter in operation["parameters"]:
            name = parameter["name"]
            if name not in values:
                if parameter["required"]:
                    raise TypeError(f"{operation_id} needs {name}")
                continue
            value = str(values.pop(name))
            if parameter["in"] == "path":
                path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
            elif parameter["in"] == "query":
                query[name] = value
            else:
                headers[name] = value
        if values:
            raise TypeError(f"{operation_id} takes no {next(iter(values))}")
        schemes = self.document["components"]["securitySchemes"]
        for requirement in operation["security"]:
            scheme = schemes[next(iter(requirement))] if requirement else None
            if scheme and scheme["type"] == "apiKey":
                headers[scheme["name"]] = self.key
                break
        url = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = next(iter(operation["requestBody"]["content"]))
        request = urllib.request.Request(url, data=data, headers=headers, method=method.upper())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if str(status) not in operation["responses"]:
            raise AssertionError(f"{operation_id} answers {status}, which the document does not name")
        return status, json.loads(text)


base, key, sender, chain_id = sys.argv[1:5]
client = Client(base, key)
answers = {"config": client.call("get-api-config")}
body = {
    "from": sender,
    "chain_id": int(chain_id),
    "transactions": [{"to": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "value": "4711", "data": "0x"}],
}
answers["made"] = client.call("post-api-proposals", body)
answers["shown"] = client.call("get-api-proposals-id", id=answers["made"][1]["id"])
answers["absent"] = client.call("get-api-proposals-id", id="prop_none")
answers["key"] = client.call("get-api-key")
print(json.dumps(answers))
