// Calls a server with @grpc/grpc-js and prints what came back as one JSON object.
//   node client.js PROTO_FOLDER HOST:PORT
import { credentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [, , protoFolder, address] = process.argv;
const definition = loadSync("inference.proto", {
  includeDirs: [protoFolder],
  keepCase: true,
  longs: Number,
});
const { GRPCInferenceService } = loadPackageDefinition(definition).inference;
const client = new GRPCInferenceService(address, credentials.createInsecure(), {
  "grpc.max_receive_message_length": -1,
});

const codeNames = Object.fromEntries(Object.entries(status).map(([name, code]) => [code, name]));

// Resolves to the response, or to { code, details } for a status other than OK.
function call(method, request, options = {}) {
  return new Promise((resolve) => {
    client[method](request, options, (error, response) => {
      resolve(error ? { code: codeNames[error.code], details: error.details } : response);
    });
  });
}

function request(model, values, shape, id = "") {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return {
    model_name: model,
    id,
    inputs: [{ name: "INPUT0", datatype: "FP32", shape }],
    raw_input_contents: [bytes],
  };
}

function floats(response) {
  const bytes = response.raw_output_contents[0];
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

async function inParallel(count) {
  const calls = Array.from({ length: count }, (_, i) =>
    call("ModelInfer", request("identity_fp32", Array(16).fill(i), [1, 16], String(i))),
  );
  const responses = await Promise.all(calls);
  return responses.filter((each, i) => each.id === String(i) && floats(each)[15] === i).length;
}

// Cancels some calls while they are under way; the others must not notice.
function cancelled(count) {
  return Promise.all(
    Array.from({ length: count }, () =>
      new Promise((resolve) => {
        const large = request("identity_image", Array(37500).fill(1), [1, 37500]);
        const running = client.ModelInfer(large, {}, (error) => {
          resolve(error ? codeNames[error.code] : "OK");
        });
        running.cancel();
      }),
    ),
  );
}

const large = Array.from({ length: 8 * 37500 }, (_, i) => i % 1000);
const results = {
  live: (await call("ServerLive", {})).live,
  metadata: await call("ModelMetadata", { name: "identity_fp32" }),
  single: floats(await call("ModelInfer", request("mlp", Array(64).fill(0.5), [1, 64]))),
  large: floats(await call("ModelInfer", request("identity_image", large, [8, 37500]))).every(
    (value, i) => value === large[i],
  ),
  parallel: await inParallel(500),
  cancelled: await cancelled(50),
  afterwards: await inParallel(50),
  wrongShape: await call("ModelInfer", request("mlp", [1, 2], [1, 2])),
  unknownModel: await call("ModelInfer", request("Grüße", [1], [1])),
  expired: await call("ModelInfer", request("mlp", Array(64).fill(1), [1, 64]), {
    deadline: Date.now() - 1000,
  }),
};
client.close();
console.log(JSON.stringify(results));
