"""Trains a small ConvNet and writes the checkpoint that the samples and the demo use.

    python make_convnet.py

needs torch==2.13.0+cpu and numpy==2.4.6. Writes beside itself:

    convnet.pth         {'model_state_dict', 'optimizer_state_dict', 'epoch', 'loss', 'classes'}
    convnet-input.npy   a batch that the network has not seen, float32 (16, 1, 12, 12)
    convnet-output.npy  what the network, in evaluation mode, gives for it, float32 (16, 4)

The task is to tell four patterns of 12 by 12 pixels: horizontal stripes, vertical stripes,
a checkerboard and a blob. Everything is seeded, so running it again gives the same numbers.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

CLASSES = ["horizontal", "vertical", "checkerboard", "blob"]
SIZE = 12


class ConvNet(nn.Module):
    """Two convolutions with batch normalisation, and a linear classifier."""

    def __init__(self, num_classes: int = 4):
        super().__init__()
        # Saved with the model, used by the loss only: a buffer, although it is a float tensor.
        self.register_buffer("class_weights", torch.tensor([1.0, 1.0, 1.5, 0.75]))
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(16 * 3 * 3, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x))


def patterns(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images of the four classes, and their labels."""
    rows = torch.arange(SIZE).view(-1, 1)
    columns = torch.arange(SIZE).view(1, -1)
    labels = torch.randint(0, len(CLASSES), (count,), generator=generator)
    images = []
    for label in labels.tolist():
        shift = int(torch.randint(0, 4, (1,), generator=generator))
        if label == 0:
            image = ((rows + shift) // 2 % 2).expand(SIZE, SIZE)
        elif label == 1:
            image = ((columns + shift) // 2 % 2).expand(SIZE, SIZE)
        elif label == 2:
            image = ((rows + shift) // 2 + (columns + shift) // 2) % 2
        else:
            centre = 3 + shift
            image = torch.exp(-((rows - centre) ** 2 + (columns - centre) ** 2) / 8.0)
        images.append(image.to(torch.float32))
    noise = 0.5 * torch.randn(count, SIZE, SIZE, generator=generator)
    return (torch.stack(images) + noise).unsqueeze(1), labels


def main() -> None:
    folder = Path(__file__).parent
    torch.manual_seed(2024)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(7)

    model = ConvNet(len(CLASSES))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss(weight=model.class_weights)
    epochs = 3
    for epoch in range(epochs):
        for _ in range(20):
            images, labels = patterns(32, generator)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")

    model.eval()
    images, labels = patterns(16, generator)
    with torch.no_grad():
        outputs = model(images)
    print(f"accuracy on the sample batch: {(outputs.argmax(1) == labels).float().mean():.2f}")

    torch.save(
        {
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "epoch": epochs,
            "loss": loss.item(),
            "classes": CLASSES,
        },
        folder / "convnet.pth",
    )
    np.save(folder / "convnet-input.npy", images.numpy())
    np.save(folder / "convnet-output.npy", outputs.numpy())


if __name__ == "__main__":
    main()
