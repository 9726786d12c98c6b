#!/usr/bin/env dotnet
#:project ../src/Rindoku/Rindoku.csproj
#:project ../src/Rindoku.Testing/Rindoku.Testing.csproj

// An operation of your own, with its gradient, tested as the library's are: dotnet run -c Release examples/own-operation.cs

using Rindoku;
using Rindoku.Autograd;
using Rindoku.Ops;
using Rindoku.Testing;

Tensor x = new Rng(seed: 1).Normal([4, 5]);
Check.Gradient(Cube, x);
Check.Gradient(t => Grad.Of(Cube(t).Sum(), t, createGraph: true), x); // and the derivative of the derivative
Console.WriteLine("The gradient of Cube, and the gradient of that, match finite differences.");

// y = x³. The rule is written in operations that have gradients themselves, so it can be differentiated again.
static Tensor Cube(Tensor x)
{
    Tensor y = Tensor.Generate(x.Shape, i => x.Span[i] * x.Span[i] * x.Span[i]);
    return Tape.Record("cube", y, new Edge(x, dy => dy * (3 * x * x)));
}
