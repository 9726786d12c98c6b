#!/usr/bin/env dotnet
#:project ../src/Rindoku/Rindoku.csproj

// Trains a small network on the embedded digits and prints its accuracy on digits it has not seen: dotnet run -c Release examples/train-digits.cs

using Rindoku;
using Rindoku.Data;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

Rng rng = new(seed: 1);
Sequential model = new(new Linear(64, 128, rng), new Lambda("ReLU", x => x.Relu()), new Linear(128, 10, rng));
Adam optimizer = new(model.Parameters, learningRate: 1e-3);
(LabelledSet train, LabelledSet test) = Digits.Load();
Loader batches = new(train, new LoaderOptions(BatchSize: 64), rng.Split("batches"));

for (int epoch = 0; epoch < 10; epoch++)
    foreach (Batch batch in batches.Epoch(epoch))
    {
        optimizer.ZeroGrad();
        Tensor loss = model.Forward(batch.X.Reshape(batch.Count, 64)).CrossEntropy(batch.Y);
        loss.Backward();
        optimizer.Step();
    }

IntTensor predicted = model.Forward(test.Inputs.Reshape(test.Count, 64)).ArgMax(1);
int right = Enumerable.Range(0, test.Count).Count(i => predicted[i] == test.Labels[i]);
Console.WriteLine($"{right} of {test.Count} digits read rightly");
