import { expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, headlessYaml, otherYaml, podYaml, serviceYaml } from "../support/diagnose-yaml.ts";

const SVC = "apiVersion: v1\nkind: Namespace\nmetadata: { name: svc }";
const LIKE = "service-named-like-namespace Service shop/shop metadata.name";
const SHADOWED = "search-path-shadowed Service shop/shop metadata.name";
/** The service `shop` of `shop`, with an endpoint that is called `cart`. */
const CART = [headlessYaml("shop", "cart"), podYaml("cart", "cart", "hostname: cart, subdomain: shop")];

test.each<[title: string, documents: string[], expected: string[]]>([
  ["a namespace svc", [SVC], ["namespace-named-svc Namespace /svc metadata.name"]],
  [
    "a namespace svc that only an object names",
    [otherYaml("v1", "ConfigMap", "svc/a")],
    ["namespace-named-svc ConfigMap.v1 svc/a metadata.namespace"],
  ],
  ["a service svc", [serviceYaml("svc", "ports: [{ port: 80 }]")], []],
  ["a service named like its namespace", [serviceYaml("shop", "ports: [{ port: 80 }]")], [LIKE]],
  [
    "a service named like another namespace",
    [serviceYaml("data", "ports: [{ port: 80 }]"), otherYaml("v1", "Secret", "data/a")],
    [],
  ],
  [
    "an endpoint before a service of the same namespace",
    [...CART, serviceYaml("cart", "ports: [{ port: 80 }]")],
    [SHADOWED],
  ],
  ["an endpoint before no service", CART, [LIKE]],
  [
    "an endpoint before a service of another namespace",
    [
      headlessYaml("test/shop", "cart"),
      podYaml("test/cart", "cart", "hostname: cart, subdomain: shop"),
      serviceYaml("cart", "ports: [{ port: 80 }]"),
    ],
    ["search-path-shadowed Service test/shop metadata.name"],
  ],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test("the message has the pods and the short name", () => {
  expect(adviceOfYaml(...CART, serviceYaml("cart", "ports: [{ port: 80 }]"))[0]).toContain(
    "pods of shop that look up cart.shop get an endpoint of this service instead of Service shop/cart",
  );
});
