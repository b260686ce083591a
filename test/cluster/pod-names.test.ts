import { describe, expect, test } from "vitest";
import { PodNames } from "../../src/cluster/pod-names.ts";
import { pod, slice } from "../support/core/objects.ts";

const at = (name: string, ...ips: string[]) => pod(`shop/${name}`, { ips });
const endpointsOf = (...endpoints: [podName: string | undefined, ...addresses: string[]][]) =>
  slice("shop/web", {
    endpoints: endpoints.map(([podName, ...addresses]) => ({ addresses, ready: true, ...(podName && { podName }) })),
  });

describe("the pod at an address", () => {
  test.each([
    ["a pod", [at("web-0", "10.244.0.5", "fd00::5")], "shop/web-0"],
    ["an endpoint", [endpointsOf(["web-0", "10.244.0.5"])], "shop/web-0"],
    ["an endpoint of its pod", [at("web-0", "10.244.0.5"), endpointsOf(["web-0", "10.244.0.5"])], "shop/web-0"],
    ["an endpoint without a pod", [endpointsOf([undefined, "10.244.0.5"])], undefined],
    ["two pods", [at("web-0", "10.244.0.5"), endpointsOf(["web-1", "10.244.0.5"])], undefined],
    ["a pod that has ended", [pod("shop/job", { ips: ["10.244.0.5"], phase: "Succeeded" })], undefined],
    ["a pod of the host network", [pod("shop/agent", { ips: ["10.244.0.5"], hostNetwork: true })], undefined],
    ["another pod", [at("web-0", "10.244.0.6")], undefined],
  ])("%s", (_, objects, name) => {
    expect(new PodNames(objects).podAt("10.244.0.5")).toBe(name);
  });

  test("of the other family", () => {
    expect(new PodNames([at("web-0", "10.244.0.5", "fd00::5")]).podAt("fd00::5")).toBe("shop/web-0");
  });

  test("follows changes, and takes one that it has seen", () => {
    const first = at("web-0", "10.244.0.5");
    const slices = [endpointsOf(["web-0", "10.244.0.5"]), endpointsOf(["web-1", "10.244.0.5"])] as const;
    const addresses = new PodNames([first]);
    addresses.apply([{ after: first }, { after: slices[0] }]);
    expect(addresses.podAt("10.244.0.5")).toBe("shop/web-0");
    addresses.apply([{ before: first }]);
    expect(addresses.podAt("10.244.0.5")).toBe("shop/web-0");
    addresses.apply([{ before: slices[0], after: slices[1] }]);
    expect(addresses.podAt("10.244.0.5")).toBe("shop/web-1");
    addresses.apply([{ before: slices[1] }]);
    expect(addresses.podAt("10.244.0.5")).toBeUndefined();
  });
});
