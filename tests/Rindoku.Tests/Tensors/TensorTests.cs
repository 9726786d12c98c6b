using Rindoku.Ops;

namespace Rindoku.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void Tensors_are_made_in_many_ways()
    {
        Assert.Equal([0f, 0], Tensor.Zeros([2]).ToArray());
        Assert.Equal([1f, 1], Tensor.Ones([2]).ToArray());
        Assert.Equal([7f, 7], Tensor.Full([1, 2], 7).ToArray());
        Assert.Equal(5, Tensor.Scalar(5).Item());
        Assert.Equal([1f, 2, 3], Tensor.Of(1, 2, 3).ToArray());
        Assert.Equal([0f, 1, 4], Tensor.Generate([3], i => i * i).ToArray());
        Assert.Equal([1f, 1.5f, 2], Tensor.Range(3, 1, 0.5f).ToArray());
        Assert.Equal([0f, 0.25f, 0.5f, 0.75f, 1], Tensor.Linspace(0, 1, 5).ToArray());
        Assert.Equal([3f], Tensor.Linspace(3, 9, 1).ToArray());
        Assert.Equal([1f, 0, 0, 1], Tensor.Eye(2).ToArray());
        float[] mine = [1, 2];
        Assert.Equal([2f], Tensor.Own(mine, [2]).Slice(0, 1..).ToArray());
    }

    [Fact]
    public void Wrong_numbers_of_values_are_refused()
    {
        Assert.Equal("Tensor.From: 3 values for shape (2, 2), which needs 4", Assert.Throws<ShapeException>(() => Tensor.From([1, 2, 3], [2, 2])).Message);
        Assert.Equal("Tensor.Own: 3 values for shape (2), which needs 2", Assert.Throws<ShapeException>(() => Tensor.Own([1, 2, 3], [2])).Message);
        Assert.Equal("Item: needs a tensor of one element, got (2)", Assert.Throws<ShapeException>(() => Tensor.Of(1, 2).Item()).Message);
    }

    [Fact]
    public void Elements_are_read_by_their_places()
    {
        Tensor x = Tensor.Range(6).Reshape(2, 3);
        Assert.Equal(5, x[1, 2]);
        Assert.Equal(3, Tensor.Scalar(3)[[]]);
        Assert.Equal("Tensor: index 3 lies outside axis 1 of (2, 3)", Assert.Throws<ShapeException>(() => x[0, 3]).Message);
        Assert.Throws<ShapeException>(() => x[0, -1]);
        Assert.Equal("Tensor: 1 indices for shape (2, 3)", Assert.Throws<ShapeException>(() => x[0]).Message);
    }

    [Fact]
    public void Display_shows_the_shape_and_the_edges()
    {
        Assert.Equal("Tensor() 2.5", Tensor.Scalar(2.5f).ToString());
        Assert.Equal("Tensor(2, 2) [[0, 1], [2, 3]]", Tensor.Range(4).Reshape(2, 2).ToString());
        Assert.Equal("Tensor(100) [0, 1, 2, ..., 97, 98, 99]", Tensor.Range(100).ToString());
        Assert.Equal("Tensor(0) []", Tensor.Zeros([0]).ToString());
    }

    [Fact]
    public void Reshape_works_one_size_out()
    {
        Tensor x = Tensor.Range(6);
        Assert.Equal([2, 3], x.Reshape(2, -1).Shape);
        Assert.Equal([3, 2], x.Reshape([3, -1]).Shape);
        Assert.Equal("Reshape: (6) has 6 elements, (4) has 4", Assert.Throws<ShapeException>(() => x.Reshape(4)).Message);
        Assert.Equal("Reshape: (6) has 6 elements, which (4, -1) cannot hold", Assert.Throws<ShapeException>(() => x.Reshape(4, -1)).Message);
        Assert.Throws<ShapeException>(() => x.Reshape(-1, -1));
    }

    [Fact]
    public void Parameters_copy_their_start_and_add_gradients_up()
    {
        Tensor start = Tensor.Of(1, 2);
        Parameter p = new(start);
        p.Values[0] = 9;
        Assert.Equal([1f, 2], start.ToArray());
        p.Values[0] = 1;
        (p * p).Sum().Backward();
        (p * p).Sum().Backward();
        Assert.Equal([4f, 8], p.Grad!.ToArray());
        p.Grad = null;
        (p * p).Sum().Backward();
        Assert.Equal([2f, 4], p.Grad!.ToArray());
        p.Trainable = false;
        Assert.False((p * p).RequiresGrad);
    }

    [Fact]
    public void Buffers_can_be_written_and_never_receive_gradients()
    {
        BufferTensor mean = new(Tensor.Zeros([2]));
        mean.Values[1] = 3;
        Assert.Equal([0f, 3], mean.ToArray());
        Assert.False((mean * mean).RequiresGrad);
    }

    [Fact]
    public void Integer_tensors_are_made_reshaped_and_shown()
    {
        Assert.Equal([0, 1, 2], IntTensor.Range(3).ToArray());
        Assert.Equal([4, 4], IntTensor.Full([2], 4).ToArray());
        Assert.Equal([3, 2], IntTensor.From([1, 2, 3, 4, 5, 6], [2, 3]).Reshape([3, 2]).Shape);
        Assert.Equal([1f, 2], IntTensor.Of(1, 2).ToTensor().ToArray());
        Assert.Equal("IntTensor(2) [1, 2]", IntTensor.Of(1, 2).ToString());
        Assert.Equal("IntTensor(20) [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]", IntTensor.Range(20).ToString());
        Assert.Throws<ShapeException>(() => IntTensor.From([1], [2]));
        Assert.Throws<ShapeException>(() => IntTensor.Of(1, 2).Reshape([3]));
    }
}
