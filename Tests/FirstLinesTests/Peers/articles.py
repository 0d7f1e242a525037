"""Writes what the programs of five common articles on PyTorch's modules print. Made with PyTorch 2.13.

    python articles.py

The articles explain, each by a program: what `named_parameters`, `named_buffers` and `state_dict` list; how
a model and its optimizer are trained, saved, loaded and resumed; what a registered name does to a module;
one linear layer whose weight is a plain tensor, a parameter or a buffer; and own Linear and BatchNorm layers.
Writes the text of each to ../Fixtures/articles.json. ../ArticleTests.swift has the same programs in Swift.
"""

import contextlib
import io
import json
import pathlib
import tempfile

import torch
from torch import nn, optim

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "Fixtures/articles.json"


def listings():
    """What is in which listing, before and after something is registered from outside."""

    class MyModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("register_buffer_in", torch.randn([4, 6]))
            self.attribute_buffer_in = torch.randn([3, 5])
            self.conv1 = nn.Sequential(
                nn.Conv2d(1, 2, 3, 1, 1), nn.BatchNorm2d(2), nn.ReLU(inplace=True), nn.MaxPool2d(2))
            self.fc = nn.Linear(2, 3, bias=False)

        def forward(self, x):
            return self.fc(self.conv1(x).mean([2, 3]))

    torch.manual_seed(0)
    model = MyModel()
    print(model)
    for name, buffer in model.named_buffers():
        print(name, tuple(buffer.shape))
    model.register_buffer("register_buffer_out", torch.randn([15, 15]))
    model.register_parameter("scale", nn.Parameter(torch.ones(2)))
    for name, buffer in model.named_buffers():
        print(name, tuple(buffer.shape), buffer.requires_grad)
    for name, parameter in model.named_parameters():
        print(name, tuple(parameter.shape), parameter.requires_grad)
    for key, value in model.state_dict().items():
        print(key, tuple(value.shape))
    for name, module in model.named_modules():
        print(name, "|", type(module).__name__)
    print([name for name, _ in model.named_children()])
    print(model.state_dict()["register_buffer_in"])
    print(sum(parameter.numel() for parameter in model.parameters()))
    model.double()
    print(model.fc.weight.dtype == torch.float64)
    print(model(torch.ones(2, 1, 4, 4, dtype=torch.float64)))


def training():
    """A model is trained with a frozen bias, saved with its optimizer, loaded and resumed."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(2, 3)
            self.fc2 = nn.Linear(3, 1)
            self.running_mean = torch.zeros(1)
            self.register_buffer("mean", torch.zeros(1))

        def forward(self, x):
            # An attribute may take another shape; a buffer that is registered is saved.
            self.running_mean = 0.9 * self.running_mean + 0.1 * x
            self.mean = 0.9 * self.mean + 0.1 * x.mean()
            return self.fc2(torch.relu(self.fc1(x)))

    torch.manual_seed(1)
    model = Net()
    print(model.state_dict())
    model.fc1.bias.requires_grad = False
    optimizer = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
    print(optimizer)
    print(optimizer.state_dict())
    data = torch.randn(8, 2)
    target = torch.sin(data).sum(1, keepdim=True)
    criterion = nn.MSELoss()

    def train(model, optimizer, epochs):
        for epoch in epochs:
            optimizer.zero_grad()
            loss = criterion(model(data), target)
            loss.backward()
            optimizer.step()
            print("epoch", epoch, "loss", loss.item())

    train(model, optimizer, range(3))
    print(tuple(model.running_mean.shape), model.fc1.bias.grad, model.fc2.bias.grad)
    print(model.state_dict())
    print(optimizer.state_dict())
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/checkpoint.pth"
        torch.save({
            "epoch": 3, "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict()}, path)
        checkpoint = torch.load(path, weights_only=True)
    again = Net()
    again.fc1.bias.requires_grad = False
    print(again.load_state_dict(checkpoint["model_state_dict"]))
    resumed = optim.Adam(filter(lambda p: p.requires_grad, again.parameters()), lr=0.5)
    resumed.load_state_dict(checkpoint["optimizer_state_dict"])
    print(resumed.param_groups[0]["lr"], checkpoint["epoch"])
    train(again, resumed, range(checkpoint["epoch"], checkpoint["epoch"] + 2))
    train(model, optimizer, range(3, 5))
    print(all(torch.equal(a, b) for a, b in zip(again.state_dict().values(), model.state_dict().values())))
    print(again.eval()(data))


def registering():
    """What registering a name puts where, with its values."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([[1.0, -2.0], [0.5, 4.0]]))
            self.register_parameter("bias", nn.Parameter(torch.zeros(2)))
            self.register_buffer("counter", torch.tensor(0))
            self.register_buffer("scratch", torch.tensor([1.5, 2.5]), persistent=False)

        def forward(self, x):
            self.counter += 1
            return x @ self.weight.t() + self.bias

    net = Net()
    print(dict(net.named_parameters()))
    print(dict(net.named_buffers()))
    print(net.state_dict())
    print(net.weight)
    print(net(torch.tensor([[1.0, 1.0]])))
    print(net(torch.tensor([[2.0, 1.0]])).sum())
    print(net.counter, net.scratch)
    net.bias = None
    print(list(net.state_dict()))
    net.bias = nn.Parameter(torch.tensor([3.0, 4.0]))
    print(net.state_dict())
    net.register_parameter("nothing", None)
    print([name for name, _ in net.named_parameters()])
    for parameter in net.parameters():
        print(parameter)


def variants():
    """A linear layer whose weight and bias are plain tensors, parameters, or buffers."""

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.randn(2, 3)
            self.bias = torch.zeros(2)

        def forward(self, x):
            return torch.nn.functional.linear(x, self.weight, self.bias)

    class Learned(Plain):
        def __init__(self):
            nn.Module.__init__(self)
            self.weight = nn.Parameter(torch.randn(2, 3))
            self.bias = nn.Parameter(torch.zeros(2))

    class Kept(Plain):
        def __init__(self):
            nn.Module.__init__(self)
            self.register_buffer("weight", torch.randn(2, 3))
            self.register_buffer("bias", torch.zeros(2))

    torch.manual_seed(3)
    for make in (Plain, Learned, Kept):
        layer = make()
        print(layer)
        print("parameters:", [name for name, _ in layer.named_parameters()])
        print("buffers:", [name for name, _ in layer.named_buffers()])
        print(layer.state_dict())
        print(layer(torch.ones(1, 3)))
        print(layer.weight.requires_grad)


def layers():
    """Own Linear and BatchNorm layers, which may go without a bias or without statistics."""

    class MyLinear(nn.Module):
        def __init__(self, inputs, outputs, bias=True):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(outputs, inputs))
            if bias:
                self.bias = nn.Parameter(torch.zeros(outputs))
            else:
                self.register_parameter("bias", None)

        def forward(self, x):
            return nn.functional.linear(x, self.weight, self.bias)

    class MyBatchNorm(nn.Module):
        def __init__(self, features, momentum=0.1, eps=1e-5):
            super().__init__()
            self.momentum, self.eps = momentum, eps
            self.gamma = nn.Parameter(torch.ones(features))
            self.beta = nn.Parameter(torch.zeros(features))
            self.register_buffer("running_mean", torch.zeros(features))
            self.register_buffer("running_var", torch.ones(features))

        def forward(self, x):
            if self.training:
                mean, var = x.mean(0), x.var(0, unbiased=False)
                with torch.no_grad():
                    self.running_mean += self.momentum * (mean - self.running_mean)
                    self.running_var += self.momentum * (var - self.running_var)
            else:
                mean, var = self.running_mean, self.running_var
            return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta

    torch.manual_seed(4)
    net = nn.Sequential(MyLinear(3, 4, bias=False), MyBatchNorm(4), nn.ReLU(), MyLinear(4, 2))
    print(net)
    print(list(net.state_dict()))
    x = torch.randn(5, 3)
    y = net(x)
    print(y)
    y.square().mean().backward()
    for name, parameter in net.named_parameters():
        print(name, parameter.requires_grad, parameter.grad)
    print(net[1].running_mean)
    print(net[1].running_var)
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    optimizer.step()
    print(net.eval()(x))
    print(optimizer.state_dict())
    net[0].requires_grad_(False)
    print([parameter.requires_grad for parameter in net.parameters()])
    report = net.load_state_dict({"0.weight": torch.zeros(4, 3), "other": torch.ones(1)}, strict=False)
    print(report.missing_keys, report.unexpected_keys)
    print(net.state_dict()["0.weight"])


def main():
    texts = {}
    for program in (listings, training, registering, variants, layers):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            program()
        texts[program.__name__] = output.getvalue()
    FIXTURE.write_text(json.dumps(texts, indent=1) + "\n")


if __name__ == "__main__":
    main()
